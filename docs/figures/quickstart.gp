# Written by statbed plot; edit it and run gnuplot on it in its folder.
set terminal svg dynamic noenhanced font 'sans-serif,12' background rgb 'white' size 461,483
set encoding utf8
set output './quickstart.svg'
data = './quickstart.dat'
set logscale y 2
set ylabel 'queries answered'
set datafile missing '?'
set border 3 linewidth 0.8
set tics nomirror out
set mxtics 1
set mytics 1
set grid xtics ytics linewidth 0.4 linecolor '#d0d0d0' dashtype 1
set key outside below left Left reverse maxcols 1 samplen 4 font ',11'
set multiplot layout 1,1 title 'Queries against dimension'."\n".'experiment quickstart, family parity, params sparsity 0, noise 0,'."\n".'labels pm1, goal predict, oracle stat, tol 0.1, policy reference' font ',11'

set xrange [5.64:12.36]
set yrange [0.7:5931.200000000001]
set xtics ('6' 6, '8' 8, '10' 10, '12' 12)
set ytics 4
set format y '%.0f'
set xlabel 'dimension d'."\n"
set title ''
plot data index 2 using 1:3 with filledcurves y1=0.7 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 0 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 0 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype (10,4) title 'parity-bent', \
     data index 1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 1 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'parity-correlation', \
     data index 2 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound: queries that the goal takes', \
     keyentry with lines linecolor '#ffffff' title 'geometric mean and largest, where most runs succeed'

unset multiplot
unset output
